// How many candidates stand there at once: large targets, so what fits is counted in characters and not in pieces.

/** A single line holds no more than this, so that the figures of a physical keyboard can choose. */
export const MOST_IN_A_LINE = 9;

/** The sizes of a candidate's target in CSS pixels. */
export interface Sizes {
  /** Width of one character. */
  character: number;
  /** Left and right of the text together. */
  padding: number;
  least: number;
  gap: number;
}

/** Where each page of so many lines begins in `texts`. A candidate that is wider than the room has a line of its own. */
export function pages(texts: readonly string[], room: number, sizes: Sizes, lines = 1): number[] {
  const most = lines === 1 ? MOST_IN_A_LINE : Infinity;
  const starts: number[] = [];
  let line = lines;
  let left = 0;
  let count = 0;
  texts.forEach((text, number) => {
    const width = Math.max(sizes.least, [...text].length * sizes.character + sizes.padding);
    if (number === 0 || width > left || count === most) {
      line = line === lines ? 1 : line + 1;
      if (line === 1) starts.push(number);
      left = room;
      count = 0;
    }
    left -= width + sizes.gap;
    count += 1;
  });
  return starts;
}
