// Runs in the browser: returns facts about a page, from which prove.ts finds visible faults.
;(() => {
  const channels = (color) => (color.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number)
  // https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
  const luminance = (color) =>
    channels(color)
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
      .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0)
  const { color, backgroundColor } = getComputedStyle(document.body)
  const [dark, light] = [luminance(color), luminance(backgroundColor)].sort((a, b) => a - b)
  const images = [...document.querySelectorAll('img')]
  return {
    hasHeading: document.querySelector('h1')?.checkVisibility() === true,
    isDark: luminance(backgroundColor) < luminance(color),
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    contrast: (light + 0.05) / (dark + 0.05),
    images: images.length,
    lost: images.filter(({ complete, naturalWidth }) => !complete || naturalWidth === 0).map(({ src }) => src),
  }
})()
