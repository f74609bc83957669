"""When exchanges trade: sessions, breaks and closes, from calendars and corrections of ours."""
