import { svelte } from '@sveltejs/vite-plugin-svelte'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

// Where the Go package that embeds the page expects it.
const out = '../internal/web/dist'

// packed leaves every file of the page as gzip alone: the binary carries it once, and
// browsers get these very bytes.
function packed(): Plugin {
  return {
    name: 'packed',
    apply: 'build',
    writeBundle({ dir }) {
      for (const entry of readdirSync(dir ?? out, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name)
        if (!entry.isFile() || path.endsWith('.gz')) continue
        writeFileSync(path + '.gz', gzipSync(readFileSync(path), { level: 9 }))
        rmSync(path)
      }
    },
  }
}

export default defineConfig({
  plugins: [svelte(), packed()],
  build: {
    outDir: out,
    emptyOutDir: true,
    target: 'es2022',
    // Data URIs for small pictures would be stopped by the content security policy.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: { '/api': 'http://127.0.0.1:8509', '/-/': 'http://127.0.0.1:8509' },
  },
})
