"""Discord: gateway, slash commands, forms and components. The only room that knows discord.py."""
