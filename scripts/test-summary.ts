import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node'

/** Closes a test run with every skipped test, its reason, and the counts on a line of their own. */
export class TestSummary implements Reporter {
  #isFiltered = false

  onInit(vitest: Vitest): void {
    this.#isFiltered = vitest.config.testNamePattern !== undefined
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length
    const broken = modules.filter((module) => module.state() === 'failed' && module.errors().length > 0).length
    const skipped = tests.filter((test) => test.result().state === 'skipped')
    if (skipped.length > 0 && !this.#isFiltered)
      process.stdout.write(`\nSkipped:\n${skipped.map((test) => `  ${nameOf(test)} — ${reasonOf(test)}\n`).join('')}`)
    process.stdout.write(`\n${count('passed')} passed, ${count('failed') + broken} failed, ${skipped.length} skipped\n`)
  }
}

const nameOf = (test: TestCase): string => `${test.module.relativeModuleId} > ${test.fullName}`

function reasonOf(test: TestCase): string {
  const result = test.result()
  return result.state === 'skipped' && result.note !== undefined ? result.note : 'no reason given'
}
