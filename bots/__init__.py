"""The chats. A binding translates a platform into `Request` and `Reply`; `commands` answers, and knows no platform."""
