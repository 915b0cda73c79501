// A small picture drawn on a canvas: an <img> of a blob would need `img-src blob:` in the policy of the site that shows the widget.

/** Longest side in device pixels; CSS sets the size on the screen. */
const LONGEST = 480;

/** `blob` as a picture called `name`; null where it is none or the browser cannot read it. */
export async function thumbnail(blob: Blob, name: string): Promise<HTMLCanvasElement | null> {
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(blob);
  } catch {
    return null;
  }
  const part = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * part));
  canvas.height = Math.max(1, Math.round(picture.height * part));
  canvas.className = "thumbnail";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", name);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas;
}
