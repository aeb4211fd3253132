// Light, dark, or as the system has it. It is kept in the browser.

export type Theme = 'system' | 'light' | 'dark'

const key = 'zol0-theme'
const dark = matchMedia('(prefers-color-scheme: dark)')

function kept(): Theme {
  try {
    const v = localStorage.getItem(key)
    return v === 'light' || v === 'dark' ? v : 'system'
  } catch {
    return 'system' // a browser that keeps nothing
  }
}

class ThemeChoice {
  choice = $state<Theme>(kept())
  #system = $state(dark.matches)

  constructor() {
    dark.addEventListener('change', (event) => {
      this.#system = event.matches
      this.apply()
    })
  }

  // shown is what is to be seen now: canvases draw in its colours.
  get shown(): 'light' | 'dark' {
    return this.choice === 'system' ? (this.#system ? 'dark' : 'light') : this.choice
  }

  apply() {
    document.documentElement.dataset.theme = this.shown
  }

  next() {
    this.choice = this.shown === 'dark' ? 'light' : 'dark'
    this.apply()
    try {
      localStorage.setItem(key, this.choice)
    } catch {
      return // it holds until the page is closed
    }
  }
}

export const theme = new ThemeChoice()
