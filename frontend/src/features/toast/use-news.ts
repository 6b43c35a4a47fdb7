import { useEffect, useRef, useState } from 'react';
import { type Phases, speak } from './spoken';
import type { TabJob } from './toast';

/** What has just changed, for a polite live region. */
export function useNews(jobs: readonly TabJob[], nameOf: (tenant: string) => string): string {
  const phases = useRef<Phases>(new Map());
  const [news, setNews] = useState('');
  useEffect(() => {
    const speech = speak(phases.current, jobs, nameOf);
    phases.current = speech.phases;
    if (speech.said) setNews(speech.said);
  });
  return news;
}
