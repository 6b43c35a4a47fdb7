import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderUi } from '@/shared/testing/render';
import { Figure, Figures } from './figure';

it('keeps a note apart from its figure: 833 and 33%, not 83333%', () => {
  renderUi(
    <Figures>
      <Figure label="match this filter" value={833} note="33%" />
    </Figures>,
  );
  expect(screen.getByRole('definition')).toHaveTextContent(/^833 33%$/);
});

it('shows no note without a figure', () => {
  renderUi(
    <Figures>
      <Figure label="match this filter" value={undefined} missing="Not counted" note="33%" />
    </Figures>,
  );
  expect(screen.getByRole('definition')).toHaveTextContent(/^Not counted$/);
});
