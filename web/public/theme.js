// Runs before the first paint, so that nobody sees the other theme flash by. Classic script: modules wait for the document.
;(() => {
  const chosen = localStorage.getItem('sallyport.theme')
  const isDark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.toggle('dark', isDark)
})()
