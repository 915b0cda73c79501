// Typing into a field from outside: at its caret, within its limit, told by an "input" event as typing by hand is.

export type Field = HTMLInputElement | HTMLTextAreaElement;

const graphemes = new Intl.Segmenter("zh", { granularity: "grapheme" });

/** Puts `text` at the caret, over what is selected; as much of it as the field's limit lets in. */
export function insert(field: Field, text: string): void {
  const { start, end } = selection(field);
  const room = field.maxLength < 0 ? Infinity : field.maxLength - (field.value.length - (end - start));
  let fits = "";
  for (const character of text) if (fits.length + character.length <= room) fits += character; else break;
  if (fits) replace(field, start, end, fits, "insertText");
}

/** Deletes what is selected, or the character before the caret. */
export function erase(field: Field): void {
  const { start, end } = selection(field);
  const from = start === end ? start - lastLength(field.value.slice(0, start)) : start;
  if (from < end) replace(field, from, end, "", "deleteContentBackward");
}

/** Moves the caret by one character: -1 to the left, 1 to the right. */
export function move(field: Field, by: -1 | 1): void {
  const { start, end } = selection(field);
  const to = start !== end ? (by < 0 ? start : end)
    : by < 0 ? start - lastLength(field.value.slice(0, start)) : end + firstLength(field.value.slice(end));
  place(field, to);
}

/** The last characters before the caret. */
export function beforeCaret(field: Field): string {
  return field.value.slice(0, selection(field).start).slice(-12);
}

function replace(field: Field, start: number, end: number, text: string, inputType: string): void {
  if (field.disabled || field.readOnly) return;
  field.value = field.value.slice(0, start) + text + field.value.slice(end);
  place(field, start + text.length);
  field.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true, inputType, data: text || null }));
}

function place(field: Field, at: number): void {
  // Fields for numbers and addresses of mail have no caret that a script may see; they are typed into at their end.
  if (field.selectionStart === null) return;
  field.setSelectionRange(at, at);
  if (at !== field.value.length) return;
  field.scrollTop = field.scrollHeight;
  field.scrollLeft = field.scrollWidth;
}

function selection(field: Field): { start: number; end: number } {
  const start = field.selectionStart ?? field.value.length;
  return { start, end: field.selectionEnd ?? start };
}

function lastLength(text: string): number {
  return [...graphemes.segment(text)].at(-1)?.segment.length ?? 0;
}

function firstLength(text: string): number {
  for (const { segment } of graphemes.segment(text)) return segment.length;
  return 0;
}
