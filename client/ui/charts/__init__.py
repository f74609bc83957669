"""Charts over bars."""
