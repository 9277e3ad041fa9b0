"""The kind of browser in words, so that its owner recognises a session in a list."""

# in this order: Edge and Opera also call themselves Chrome, Chrome also calls itself Safari
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
            ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
           ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))


def browser_family(user_agent: str) -> str:
    """"Chrome di Windows"; what is not known is said so."""
    browser = _first(BROWSERS, user_agent) or "Browser lain"
    system = _first(SYSTEMS, user_agent)
    return f"{browser} di {system}" if system else browser


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for mark, name in known if mark in user_agent), None)
