import { expect, it } from 'vitest';
import { onSessionOver, renewSession, sessionBegan, sessionEnded } from './session';

function overs(): string[] {
  const seen: string[] = [];
  sessionBegan();
  onSessionOver((how) => seen.push(how));
  return seen;
}

it('takes no notice of the end of a session that a call renews', async () => {
  const seen = overs();
  await renewSession(async () => sessionEnded());
  expect(seen).toEqual([]);
  sessionEnded();
  expect(seen).toEqual(['ended']);
});

it('says that the session has ended where the call that renews it fails', async () => {
  const seen = overs();
  const failing = renewSession(async () => {
    sessionEnded();
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(seen).toEqual(['ended']);
});
