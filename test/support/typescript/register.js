// Lets Node.js import the TypeScript of this project: node --import ./test/support/typescript/register.js. package.json gives it to
// tap instead of tap's own loader, which loads TypeScript twice in each process. docs/adr/0045
import { register } from 'node:module'

register('./hooks.js', import.meta.url)
