from chat_site import browser, built_page, site, watched

__all__ = ["browser", "built_page", "site", "watched"]
