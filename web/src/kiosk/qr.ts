// A QR picture as SVG nodes, which need no inline style and no image address.

import qrcode from "qrcode-generator";

const QUIET = 4;
const SVG = "http://www.w3.org/2000/svg";

/** Dark on white whatever the page's colours are; `label` is for ears. */
export function qrPicture(text: string, label: string): SVGSVGElement {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  const node = (name: string, attributes: Record<string, string>): SVGElement => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  let dark = "";
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < count; column += 1) if (code.isDark(row, column)) dark += `M${column + QUIET} ${row + QUIET}h1v1h-1z`;
  }
  const size = String(count + 2 * QUIET);
  const picture = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ class: "qr", viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": label, "shape-rendering": "crispEdges" })) {
    picture.setAttribute(key, value);
  }
  picture.append(node("rect", { width: size, height: size, fill: "#fff" }), node("path", { d: dark, fill: "#000" }));
  return picture;
}
