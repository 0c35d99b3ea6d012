"""The detection scenarios: violations planted in a lawful county, each among look-alikes that stay just inside the law."""
