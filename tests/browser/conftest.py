from chat_site import browser, built_page, site, watched
from host_site import host, shown, widget_site
from real_site import whole

__all__ = ["browser", "built_page", "host", "shown", "site", "watched", "whole", "widget_site"]
