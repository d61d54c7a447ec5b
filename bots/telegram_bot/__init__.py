"""Telegram's binding."""

from bots.telegram_bot import late_types as late_types  # before anything of aiogram
