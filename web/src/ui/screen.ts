// A phone's keyboard covers the lower part of the page without telling the layout: what fills the screen follows what is left of it.

/** Keeps `node` within what can be seen, while `isFull` says that it fills the screen. Gives a way to look again. */
export function followScreen(node: HTMLElement, isFull: () => boolean): () => void {
  const seen = window.visualViewport;
  const fit = (): void => {
    // Magnified by the fingers, the page is moved about under the glass: leave it alone.
    const follows = seen && isFull() && Math.abs(seen.scale - 1) < 0.01 && seen.height < window.innerHeight - 1;
    node.style.height = follows ? `${seen.height}px` : "";
    node.style.top = follows ? `${seen.offsetTop}px` : "";
    node.style.bottom = follows ? "auto" : "";
  };
  seen?.addEventListener("resize", fit);
  seen?.addEventListener("scroll", fit);
  return fit;
}
