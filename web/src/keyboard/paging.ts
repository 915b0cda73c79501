// How many candidates stand in the row at once: large targets, so what fits is counted in characters and not in pieces.

/** A page holds no more than this, so that the figures of a physical keyboard can choose. */
export const MOST_ON_A_PAGE = 9;

/** The sizes of a candidate's target in CSS pixels. */
export interface Sizes {
  /** Width of one character. */
  character: number;
  /** Left and right of the text together. */
  padding: number;
  least: number;
  gap: number;
}

/** Where each page begins in `texts`. A candidate that is wider than the room stands alone. */
export function pages(texts: readonly string[], room: number, sizes: Sizes): number[] {
  const starts: number[] = [];
  let left = 0;
  let count = 0;
  texts.forEach((text, number) => {
    const width = Math.max(sizes.least, [...text].length * sizes.character + sizes.padding);
    if (number === 0 || width > left || count === MOST_ON_A_PAGE) {
      starts.push(number);
      left = room;
      count = 0;
    }
    left -= width + sizes.gap;
    count += 1;
  });
  return starts;
}
