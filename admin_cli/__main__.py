"""`python -m admin_cli` is `usher`."""

from admin_cli.app import main

if __name__ == "__main__":
    main()
