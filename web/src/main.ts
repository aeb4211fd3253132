import { mount } from 'svelte'
import App from './App.svelte'
import { live } from './live.svelte'
import './style/page.css'
import { theme } from './theme.svelte'

theme.apply()
const target = document.getElementById('app')
if (!target) throw new Error('BUG: the page has no place for the application')
// What is asked for is on its way while the page is built.
live.begin()
// A task of its own: what was read must not hold up what is to be seen.
setTimeout(() => mount(App, { target }))
