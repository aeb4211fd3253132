// Keys of the whole page: / to search, ? for help. Whoever types is left alone.
import { route } from '../route.svelte'

const typing = (target: EventTarget | null): boolean => target instanceof Element && target.matches('input:not([type=checkbox]), textarea, select, [contenteditable]')

export function listen() {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (event.key === 'Escape' && event.target instanceof HTMLElement && event.target.matches('[data-search]')) {
      event.target.blur()
      return
    }
    if (typing(event.target)) return
    if (event.key === '/') {
      const field = document.querySelector<HTMLElement>('main [data-search]')
      if (!field) return
      event.preventDefault()
      field.focus()
    } else if (event.key === '?') {
      event.preventDefault()
      route.go('/help')
    }
  })
}
