/* Light or dark as this browser was told last; without a word, as its system is. */
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('sallyport-theme');
  } catch {
    // Storage may be closed; then the system decides.
  }
  if (chosen === 'light' || chosen === 'dark') {
    document.documentElement.dataset.theme = chosen;
  }
})();
