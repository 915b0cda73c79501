// The service worker of the kiosk's page alone: keeps its files and its content for when the line is down.

import { answer, keyOf, kindOf, SHELL } from "./cache";

interface Waiting extends Event { waitUntil: (work: Promise<unknown>) => void }
interface Asking extends Event { request: Request; respondWith: (answer: Promise<Response>) => void }
interface WorkerScope {
  registration: { scope: string };
  skipWaiting: () => Promise<void>;
  clients: { claim: () => Promise<void> };
  addEventListener: ((type: "install" | "activate", act: (event: Waiting) => void) => void) & ((type: "fetch", act: (event: Asking) => void) => void);
}
declare const __VERSION__: string;

const worker = self as unknown as WorkerScope;
const PREFIX = "aid-kiosk-";
const NAME = PREFIX + __VERSION__;
/** The folder of the kiosk's page: its scope is `…/kiosk`. */
const base = new URL(".", worker.registration.scope);

async function install(): Promise<void> {
  const cache = await caches.open(NAME);
  await Promise.all(SHELL.map(async (path) => {
    const url = new URL(path, base);
    const response = await fetch(url, { cache: "no-store" });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    await cache.put(keyOf("shell", url), response);
  }));
  await worker.skipWaiting();
}

/** Content that the last version kept goes over; the rest of it goes away. */
async function takeOver(): Promise<void> {
  const cache = await caches.open(NAME);
  for (const name of (await caches.keys()).filter((one) => one.startsWith(PREFIX) && one !== NAME)) {
    const old = await caches.open(name);
    for (const request of await old.keys()) {
      const kept = await old.match(request);
      const url = new URL(request.url);
      if (kept && kindOf("GET", url, base) === "content" && !(await cache.match(request))) await cache.put(request, kept);
    }
    await caches.delete(name);
  }
  await worker.clients.claim();
}

async function respond(request: Request, key: string): Promise<Response> {
  const cache = await caches.open(NAME);
  return answer(key, () => fetch(request), {
    match: (name) => cache.match(name),
    put: (name, response) => cache.put(name, response),
  });
}

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(takeOver()));
worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const kind = kindOf(event.request.method, url, base);
  if (kind !== "pass") event.respondWith(respond(event.request, keyOf(kind, url)));
});
