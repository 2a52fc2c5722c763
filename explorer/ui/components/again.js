// A page that has had no answer for so many milliseconds is loaded once more, as a person would do. It stands in the
// page's head, so that it works where nothing else has come.
setTimeout(() => {
  const name = 'explorer-loaded-again';
  try {
    if (document.documentElement.dataset.arrived || sessionStorage.getItem(name)) return;
    sessionStorage.setItem(name, 'yes');
    window.location.reload();
  } catch {
    // without storage it might never end
  }
}, 45_000);
