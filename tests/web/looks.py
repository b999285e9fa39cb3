"""What a reader sees or hears of a page: places of words, contrasts, names of controls."""

from typing import Any

from playwright.sync_api import Page

WORD = """([index, word]) => {
  const said = document.querySelector(`.line[data-index="${index}"] .said`);
  said.scrollIntoView({ block: 'center', behavior: 'instant' });
  const at = said.textContent.indexOf(word);
  const range = new Range();
  range.setStart(said.firstChild, at);
  range.setEnd(said.firstChild, at + word.length);
  const { x, y, width, height } = range.getBoundingClientRect();
  return [x + width / 2, y + height / 2];
}"""

HEARD = "() => [...CSS.highlights.get('word')].map((range) => range.toString()).join()"

CONTRASTS = """() => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const layer = (colours) => {
    pen.clearRect(0, 0, 1, 1);
    for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const poor = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim().slice(0, 30);
    if (!text || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (element.closest('.unseen, .skip, noscript, option, :disabled')) continue;
    const behind = [];
    for (let at = element; at; at = at.parentElement) behind.unshift(getComputedStyle(at).backgroundColor);
    const back = layer(behind);
    const front = layer([`rgb(${back})`, getComputedStyle(element).color]);
    const [a, b] = [light(back), light(front)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.add(`${ratio.toFixed(2)} ${element.className || element.tagName}: ${text}`);
  }
  return [...poor];
}"""
"""Texts with less than 4.5:1. Source: WCAG 2.2, success criterion 1.4.3."""

NAMELESS = """() => [...document.querySelectorAll('button, a[href], input, select, textarea, dialog, progress')]
  .filter((control) => control.checkVisibility())
  .filter((control) => {
    const labels = [...(control.labels ?? [])].map((label) => label.textContent);
    const by = document.getElementById(control.getAttribute('aria-labelledby') ?? '')?.textContent;
    return ![control.getAttribute('aria-label'), by, control.textContent, ...labels].some((text) => text?.trim());
  })
  .map((control) => control.outerHTML.slice(0, 120))"""

TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def click_word(page: Page, index: int, word: str) -> None:
    """Click a word of an utterance: words are no elements."""
    page.locator(f'.line[data-index="{index}"]').wait_for()
    x, y = page.evaluate(WORD, [index, word])
    page.mouse.click(x, y)


def heard(page: Page) -> Any:
    """Return the word that is marked as heard."""
    return page.evaluate(HEARD)


def time(page: Page) -> Any:
    """Return the position of the player, in seconds."""
    return page.evaluate("() => document.querySelector('audio').currentTime")
