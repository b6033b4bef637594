import { describe, expect, test } from 'vitest'
import { createTrace, type Trace } from '../../../bench/replay/trace/trace.ts'

// As many events, from as many repositories, as the excerpt of IBM's registry logs that the model
// is fitted to: 725,242 GETs of 2017.
const scale = { events: 132_000, repositories: 5000, tagsPerRepository: 1, clients: 1000 }

const statistics = (trace: Trace) => {
  const requests = new Map<number, number>()
  const sizes = new Map<number, number>()
  for (const { layers } of trace.events) {
    for (const { seed, sizeBytes } of layers) {
      requests.set(seed, (requests.get(seed) ?? 0) + 1)
      sizes.set(seed, sizeBytes)
    }
  }
  const counts = [...requests.values()].sort((a, b) => b - a)
  return { counts, sizes: [...sizes.values()], requests: sum(counts) }
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0)

describe('the trace model', () => {
  const trace = createTrace({ ...scale, seed: 7 })
  const { counts, sizes, requests } = statistics(trace)

  const shareOfBlobs = (isMeant: (count: number) => boolean) =>
    counts.filter(isMeant).length / counts.length
  const shareOfTop = (share: number) =>
    sum(counts.slice(0, Math.round(counts.length * share))) / requests
  const shareOfSizes = (isMeant: (bytes: number) => boolean) =>
    sizes.filter(isMeant).length / sizes.length
  const shareOfBytes = (isMeant: (bytes: number) => boolean) =>
    sum(sizes.filter(isMeant)) / sum(sizes)

  // The measured figure, what the model may be off, and what it gives.
  test.each<[string, number, number, () => number]>([
    ['a manifest request brings two blob requests', 1.96, 0.3, () => requests / scale.events],
    ['two thirds of all blobs are asked for once', 0.681, 0.04, () => shareOfBlobs((n) => n === 1)],
    ['five of six blobs at most twice', 0.828, 0.09, () => shareOfBlobs((n) => n <= 2)],
    ['the top thousandth takes a third', 0.319, 0.08, () => shareOfTop(0.001)],
    ['the top hundredth takes nearly half', 0.44, 0.06, () => shareOfTop(0.01)],
    ['the top tenth takes five of eight', 0.624, 0.04, () => shareOfTop(0.1)],
    ['the top fifth takes seven of ten', 0.712, 0.04, () => shareOfTop(0.2)],
    ['a cache without end hits two of three', 0.686, 0.05, () => 1 - counts.length / requests],
    ['a layer has 14 MB in the mean', 14, 1.5, () => sum(sizes) / sizes.length / 1e6],
    ['two thirds of layers are below 1 MB', 0.65, 0.03, () => shareOfSizes((s) => s < 1e6)],
    ['four fifths are below 10 MB', 0.8, 0.03, () => shareOfSizes((s) => s < 10e6)],
    ['those above 10 MB are nearly all bytes', 0.95, 0.03, () => shareOfBytes((s) => s > 10e6)],
    ['those above 64 MiB two thirds', 0.648, 0.06, () => shareOfBytes((s) => s > 64 * 2 ** 20)],
  ])('%s', (_rule, measured, tolerance, read) => {
    expect(read()).toBeGreaterThan(measured - tolerance)
    expect(read()).toBeLessThan(measured + tolerance)
  })

  test('asks for as many different blobs as the logs do', () => {
    expect(counts.length).toBeGreaterThan(70_000)
    expect(counts.length).toBeLessThan(90_000)
  })

  test('asks only for what the image holds, and in order', () => {
    const isPart = trace.events.every(({ image, layers }) => {
      const places = layers.map((layer) => image.layers.indexOf(layer))
      return places.every((place, at) => place > (places[at - 1] ?? -1))
    })
    expect(isPart).toBe(true)
  })
})

describe('a trace', () => {
  const small = { events: 500, repositories: 50, tagsPerRepository: 3, clients: 9 }

  test('is the same for the same seed, and another for another', () => {
    const first = createTrace({ ...small, seed: 1 })
    expect(createTrace({ ...small, seed: 1 })).toEqual(first)
    expect(createTrace({ ...small, seed: 2 })).not.toEqual(first)
  })

  test('pulls by the moving tag what it names then', () => {
    const { held, events } = createTrace({ ...small, events: 5000, seed: 1 })
    const latest = new Map(held.map((images, rank) => [rank, images.at(-1)]))
    let pushes = 0
    for (const { repository, pushed, isLatest, image } of events) {
      if (repository === undefined) continue
      if (pushed !== undefined) latest.set(repository.rank, pushed)
      if (pushed !== undefined) pushes++
      if (isLatest) expect(image).toBe(latest.get(repository.rank))
    }
    expect(pushes).toBeGreaterThan(10)
  })
})
