from chat_site import browser, built_page, site, watched
from host_site import host, shown, widget_site
from hostile_faces import face
from kiosk_unit import clocked, kiosk_site, phone, unit
from real_site import whole

__all__ = [
    "browser", "built_page", "clocked", "face", "host", "kiosk_site", "phone", "shown", "site", "unit", "watched", "whole", "widget_site",
]  # fmt: skip
