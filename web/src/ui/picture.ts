// The receipt as a picture in the person's album: number, code, who, when. Drawn here; nothing leaves the page.

import type { ReceiptCard } from "../core/types";
import { day, WORDING } from "../wording";

const WIDTH = 720;
const MARGIN = 40;
const LINE = 44;
const FONT = 'system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';

interface Row { text: string; size: number; bold: boolean }

function rows(card: ReceiptCard): Row[] {
  const small = (text: string): Row => ({ text, size: 26, bold: false });
  const large = (text: string): Row => ({ text, size: 46, bold: true });
  return [
    small(WORDING.title), small(WORDING.number), large(card.number), small(WORDING.code), large(card.lookup_code),
    small(`${WORDING.receiver}：${card.receiver}`),
    small(`${WORDING.expected}：${day(card.expected)}${card.expected_is_estimate ? WORDING.estimate : ""}`),
    ...(card.phones.length ? [small(`${WORDING.phones}：${card.phones.join("、")}`)] : []),
    small(WORDING.codeHint),
  ];
}

/** The text cut into lines that fit the width, between any two signs. */
export function wrapped(text: string, width: number, measure: (text: string) => number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const sign of text) {
    if (line && measure(line + sign) > width) {
      lines.push(line);
      line = "";
    }
    line += sign;
  }
  return line ? [...lines, line] : lines;
}

/** On a phone: into the album, or wherever the person sends it. False where the browser cannot or the person turned away. */
async function shared(file: File): Promise<boolean> {
  if (!matchMedia("(pointer: coarse)").matches || !navigator.canShare?.({ files: [file] })) return false;
  try {
    await navigator.share({ files: [file] });
    return true;
  } catch {
    return false;
  }
}

export async function savePicture(card: ReceiptCard): Promise<boolean> {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  if (!pen) return false;
  const set = (row: Row): void => {
    pen.font = `${row.bold ? "700" : "400"} ${row.size}px ${FONT}`;
  };
  const cut = rows(card).flatMap((row) => {
    set(row);
    return wrapped(row.text, WIDTH - 2 * MARGIN, (text) => pen.measureText(text).width).map((text) => ({ ...row, text }));
  });
  canvas.width = WIDTH;
  canvas.height = 2 * MARGIN + cut.reduce((height, row) => height + Math.max(LINE, row.size * 1.4), 0);
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#1c2733";
  pen.textBaseline = "top";
  let top = MARGIN;
  for (const row of cut) {
    set(row);
    pen.fillText(row.text, MARGIN, top);
    top += Math.max(LINE, row.size * 1.4);
  }
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) return false;
  const name = `${card.number}.png`;
  if (await shared(new File([blob], name, { type: "image/png" }))) return true;
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  return true;
}
