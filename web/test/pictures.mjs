// Takes the pictures of docs/images anew: node web/test/pictures.mjs
import { join } from 'node:path'
import { Visit, launch } from './browser.mjs'
import { Director } from './director.mjs'
import { restarting } from './stage.mjs'

const images = join(import.meta.dirname, '../../docs/images')
const pictures = [
  { file: 'page-overview.png', path: '/', colorScheme: 'light' },
  { file: 'page-service.png', path: `/services/${restarting}?range=7d`, colorScheme: 'dark' },
]

const director = await Director.open({ told: (what) => console.log(what) })
const browser = await launch()
try {
  for (const { file, path, colorScheme } of pictures) {
    const visit = await Visit.open(browser, director.stage.main.url, path, { colorScheme, viewport: { width: 1360, height: 860 } })
    await visit.page.screenshot({ path: join(images, file) })
    console.log(`docs/images/${file}`)
    await visit.close()
  }
} finally {
  await browser.close()
  await director.close()
}
