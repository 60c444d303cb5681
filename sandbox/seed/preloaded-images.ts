import { bootImageReferences } from './boot-images';
import { MACHINES } from './machines';

/**
 * The images that the seed's objects name: they are on the nodes from the first moment, as kind's nodes bring theirs,
 * so that a first look pulls nothing. One machine's registry is meant not to answer: that one has to be asked for.
 */
export function preloadedImages(): string[] {
  const machines = MACHINES.map(({ image }) => image).filter((image) => !image.includes('.invalid/'));
  return [...new Set([...machines, ...bootImageReferences()])];
}
