"""The product without a chat and without a command line. Start with README.md; `service.open_core` puts it together."""
