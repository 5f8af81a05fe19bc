import { flagFacts, globalFlags, nounsOf, verbsOf, type Command, type CommandTable } from './command.ts'

/** Completion scripts by shell: static text made from the table of commands, so that the Tab key starts no process. */
export const COMPLETIONS: Readonly<Record<string, (table: CommandTable) => string>> = { bash, zsh, fish }

const singles = (table: CommandTable): [string, Command][] => Object.entries(table).filter(([name]) => !name.includes(' '))
const flagsOf = (row: Command) =>
  Object.entries({ ...row.flags, ...globalFlags(row) }).map(([name, schema]) => ({ name, ...flagFacts(schema) }))
const choicesOf = (row: Command): readonly string[] => (row.args ?? []).flatMap(({ choices }) => choices ?? [])

function bash(table: CommandTable): string {
  const nouns = nounsOf(table)
  const cases = Object.entries(table).map(
    ([name, row]) => `    '${name}') words='${[...choicesOf(row), ...flagsOf(row).map((flag) => `--${flag.name}`)].join(' ')}' ;;`,
  )
  return `# bash completion for sallyport
_sallyport() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="\${COMP_WORDS[1]}" words=''
  case "$path" in ${nouns.join('|')}) path="$path \${COMP_WORDS[2]}" ;; esac
  case "$path" in
${cases.join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words='${[...nouns, ...singles(table).map(([name]) => name)].join(' ')}'; fi
  if [ "$COMP_CWORD" -eq 2 ]; then
    case "\${COMP_WORDS[1]}" in
${nouns.map((noun) => `      ${noun}) words='${verbsOf(table, noun).join(' ')}' ;;`).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _sallyport sallyport`
}

function zsh(table: CommandTable): string {
  const nouns = nounsOf(table)
  const quote = (text: string): string => text.replaceAll("'", "'\\''")
  const describe = (pairs: readonly (readonly [string, string])[]): string =>
    pairs.map(([word, doc]) => `'${quote(word.replaceAll(':', '\\:'))}:${quote(doc)}'`).join(' ')
  const cases = Object.entries(table).map(([name, row]) => {
    const flags = flagsOf(row).map((flag) => {
      const doc = flag.doc.replace(/[[\]:]/g, '\\$&')
      return `'${flag.kind === 'list' ? '*' : ''}--${flag.name}${quote(`[${doc}]`)}${flag.kind === 'toggle' ? '' : `:${quote(flag.value.replaceAll(':', '\\:'))}:_files`}'`
    })
    const choices = choicesOf(row)
    return `    '${name}') _arguments ${[...flags, choices.length > 0 ? `'*:word:(${choices.join(' ')})'` : "'*:argument:_files'"].join(' ')} ;;`
  })
  return `#compdef sallyport
_sallyport() {
  local -a choices
  local name="$words[2]" shift_by=1
  if (( CURRENT == 2 )); then
    choices=(${describe([...nouns.map((noun) => [noun, verbsOf(table, noun).join(', ')] as const), ...singles(table).map(([name, row]) => [name, row.summary] as const)])})
    _describe 'command' choices
    return
  fi
  case "$name" in
${nouns.map((noun) => `    ${noun}) choices=(${describe(verbsOf(table, noun).map((verb) => [verb, table[`${noun} ${verb}`]!.summary] as const))}) ;;`).join('\n')}
  esac
  if (( $#choices )); then
    if (( CURRENT == 3 )); then _describe 'verb' choices; return; fi
    name="$name $words[3]"
    shift_by=2
  fi
  shift $shift_by words
  (( CURRENT -= shift_by ))
  case "$name" in
${cases.join('\n')}
  esac
}
compdef _sallyport sallyport`
}

function fish(table: CommandTable): string {
  const nouns = nounsOf(table)
  const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const lines = ['# fish completion for sallyport', 'complete -c sallyport -f']
  for (const noun of nouns) {
    const verbs = verbsOf(table, noun)
    lines.push(`complete -c sallyport -n __fish_use_subcommand -a ${noun} -d ${quote(verbs.join(', '))}`)
    const open = `__fish_seen_subcommand_from ${noun}; and not __fish_seen_subcommand_from ${verbs.join(' ')}`
    for (const verb of verbs)
      lines.push(`complete -c sallyport -n ${quote(open)} -a ${verb} -d ${quote(table[`${noun} ${verb}`]!.summary)}`)
  }
  for (const [name, row] of singles(table)) lines.push(`complete -c sallyport -n __fish_use_subcommand -a ${name} -d ${quote(row.summary)}`)
  for (const [name, row] of Object.entries(table)) {
    const seen = quote(
      name
        .split(' ')
        .map((word) => `__fish_seen_subcommand_from ${word}`)
        .join('; and '),
    )
    for (const word of choicesOf(row)) lines.push(`complete -c sallyport -n ${seen} -a ${word}`)
    for (const flag of flagsOf(row))
      lines.push(`complete -c sallyport -n ${seen} -l ${flag.name}${flag.kind === 'toggle' ? '' : ' -r -F'} -d ${quote(flag.doc)}`)
  }
  return lines.join('\n')
}
