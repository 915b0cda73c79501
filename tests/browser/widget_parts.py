"""What several tests of the widget do."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from tests.evidence.made import picture

BRING = """(shell, [kind, bytes]) => {
    const data = new DataTransfer();
    // A list of bytes, or how many.
    data.items.add(new File([new Uint8Array(bytes)], kind + '.jpg', {type: 'image/jpeg'}));
    const init = {bubbles: true, cancelable: true};
    if (kind === 'paste') shell.querySelector('#say').dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, ...init}));
    else for (const name of ['dragover', 'drop']) shell.dispatchEvent(new DragEvent(name, {dataTransfer: data, ...init}));
}"""


def items(page: Page, text: str) -> Locator:
    """Words in the visible transcript (the hidden live region holds them too, for a moment)."""
    return page.locator(".items").get_by_text(text)


def send_file(page: Page, name: str, content: bytes | None = None, mime: str = "image/jpeg") -> None:
    page.locator(".chooser").set_input_files({"name": name, "mimeType": mime, "buffer": picture(size=(400, 300)) if content is None else content})
