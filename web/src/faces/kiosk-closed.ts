// Where staff land when they have left the kiosk: nothing is kept any more, and the window goes.

import { KIOSK } from "../kiosk/wording";

const BEFORE_CLOSING_MS = 1500;

async function forget(): Promise<void> {
  if ("caches" in window) await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
  for (const one of (await navigator.serviceWorker?.getRegistrations()) ?? []) await one.unregister();
}

const place = document.getElementById("closed");
if (place) place.textContent = KIOSK.closed;
void forget().finally(() => setTimeout(() => window.close(), BEFORE_CLOSING_MS));
