// What search in place of a list saves, and what it finds.
import { estimateTokens } from '#gateway/search/estimate-tokens.ts'
import { SEARCH_MODE_TOOLS } from '#gateway/search/meta-tools.ts'
import { indexOf } from '#gateway/search/tool-index.ts'
import type { Figure } from './budgets.ts'
import { median } from './measure.ts'
import { corpusTools, QUERIES } from '#gateway/search/testing.ts'

const RESULTS = 5

export async function measureSearch(): Promise<Figure[]> {
  const tools = corpusTools()
  const listed = tools.map((definition) => ({ name: definition.name, definition })) as unknown as Parameters<typeof indexOf>[0]
  const builtFrom = performance.now()
  const index = await indexOf(listed)
  const builtMs = performance.now() - builtFrom
  let found = 0
  const answers: number[] = []
  const times: number[] = []
  for (const [query, wanted] of QUERIES) {
    const startedAt = performance.now()
    const hits = index.find(query, RESULTS, () => true)
    times.push(performance.now() - startedAt)
    if (hits.some(({ name }) => name === wanted)) found++
    answers.push(estimateTokens(JSON.stringify(hits.map(({ definition }) => definition))))
  }
  const whole = tools.reduce((sum, tool) => sum + estimateTokens(JSON.stringify(tool)), 0)
  const searched = SEARCH_MODE_TOOLS.reduce((sum, tool) => sum + estimateTokens(JSON.stringify(tool)), 0) + median(answers)
  return [
    { name: `context of ${tools.length.toLocaleString('en')} listed tools, estimate`, value: whole, unit: 'tokens' },
    { name: 'the same in search mode, one search included', value: searched, unit: 'tokens' },
    { name: `recall@${RESULTS} of ${QUERIES.length} questions`, value: (100 * found) / QUERIES.length, unit: '%', budget: 85 },
    { name: 'one search, p50', value: median(times), unit: 'ms' },
    { name: 'index of 1,000 tools', value: builtMs, unit: 'ms' },
  ]
}
