// Client ids: the server counts a message with a known id as the same message, so a retry is never said twice.

/** A random id; falls back where randomUUID is missing (plain http pages, old browsers). */
export function newId(source: Crypto | undefined = globalThis.crypto): string {
  if (source && typeof source.randomUUID === "function") return source.randomUUID();
  const bytes = new Uint8Array(16);
  if (source) source.getRandomValues(bytes);
  else for (let i = 0; i < bytes.length; i += 1) bytes[i] = Math.floor(Math.random() * 256);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
