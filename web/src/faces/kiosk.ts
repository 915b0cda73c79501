// The kiosk at an expo: /kiosk?event=CODE&station=ID. Nothing of a person is stored; what is kept for a lost line is the same for all.

import { ScreenKeyboard } from "../keyboard/index";
import { Kiosk } from "../kiosk/kiosk";

function asked(name: string, shape: RegExp): string | null {
  const value = new URLSearchParams(location.search).get(name);
  return value && shape.test(value) ? value : null;
}

const root = document.getElementById("kiosk");
if (root) {
  new Kiosk({
    root,
    event: asked("event", /^[A-Za-z0-9_.-]{1,40}$/),
    station: asked("station", /^[a-z0-9][a-z0-9-]{0,24}$/),
    keyboard: () => new ScreenKeyboard(),
  }).start();
  // Only over https or on the machine itself; elsewhere the open page alone holds out without a line.
  if ("serviceWorker" in navigator) void navigator.serviceWorker.register("kiosk-worker.js", { scope: "kiosk" }).catch(() => undefined);
}
