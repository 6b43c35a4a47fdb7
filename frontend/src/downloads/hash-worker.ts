import { sha256 } from './sha256';
import { serveRequests } from './worker-port';

type Question = { do: 'begin' } | { do: 'update'; block: Uint8Array<ArrayBuffer> } | { do: 'digest' };

const made = sha256();

serveRequests(async (question: Question) => {
  const hash = await made;
  if (question.do === 'update') hash.update(question.block);
  return question.do === 'digest' ? hash.digest() : null;
});
