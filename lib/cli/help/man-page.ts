// The manual page, made from the tables of the command line. Source of the markup: man-pages(7) and groff_man(7).
import { formatFlag, type Flag } from '../flags/flags.js'
import type { ProgramSpec } from '../parser.js'

export function createManPage({ name, version, description, commands, topics }: ProgramSpec): string {
  const lines = [
    `.TH ${name.toUpperCase()} 1 "" "${name} ${version}"`,
    '.SH NAME',
    escapeMarkup(`${name} - ${description}`),
    '.SH SYNOPSIS',
    `.B ${escapeMarkup(name)}`,
    '.I command',
    '[options]',
    '.SH COMMANDS',
    ...commands.flatMap((command) => [
      `.SS ${name} ${command.name}`,
      escapeMarkup(command.description),
      ...(command.argument ? formatItem(command.argument.placeholder, command.argument.description) : []),
      ...command.groups.flatMap(({ title, flags }) => [
        '.PP',
        `.B ${escapeMarkup(title)}`,
        ...flags.flatMap((flag) => formatItems(flag)),
      ]),
      ...formatBlock(command.helpText),
    ]),
    ...Object.entries(topics)
      .filter(([topic]) => topic !== 'man-page')
      .flatMap(([topic, createText]) => [`.SH ${topic.toUpperCase()}`, ...formatBlock(createText())]),
  ]
  return `${lines.join('\n')}\n`
}

function formatItems(flag: Flag): string[] {
  const { alias, placeholder, description, off } = flag
  const names = [...(alias === undefined ? [] : [`--${alias}`]), formatFlag(flag)].join(', ')
  const heading = placeholder === undefined ? names : `${names} ${placeholder}`
  const items = description === '' ? [] : formatItem(heading, description)
  if (!off) return items
  const offName = formatFlag(flag).replace(/^--(?:no-)?/, '--no-')
  return [...items, ...formatItem(offName, off.description)]
}

const formatItem = (heading: string, description: string) => [
  '.TP',
  `.B ${escapeMarkup(heading)}`,
  escapeMarkup(description),
]

/** Returns the markup for lines that stay as they are. */
const formatBlock = (text: string) => ['.PP', '.nf', ...text.trim().split('\n').map(escapeMarkup), '.fi']

/** Escapes `\`, a dot or a quote at the start of a line, which would be a command of man, and `-`, which would be a typographic hyphen. */
function escapeMarkup(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-')
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped
}
