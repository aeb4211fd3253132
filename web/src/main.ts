import { mount } from 'svelte'
import App from './App.svelte'
import './style/page.css'
import { theme } from './theme.svelte'

theme.apply()
const target = document.getElementById('app')
if (!target) throw new Error('BUG: the page has no place for the application')
mount(App, { target })
