"""The `kuaihui` command."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from bot.cli.application import run

    run()


if __name__ == "__main__":
    main()
