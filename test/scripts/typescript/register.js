// Lets Node.js import the TypeScript of this project: node --import ./test/scripts/typescript/register.js. In package.json it replaces
// the loader of tap, which loads the compiler twice in each process. See docs/adr/0045.
import { register } from 'node:module'

register('./hooks.js', import.meta.url)
