import { describe, expect, it } from 'vitest';
import { personalData } from './personal-data';
import { columnsOf } from './testing';

describe('personalData', () => {
  const ids = ['user_id', 'user_store', 'identifiers.email_address', 'identifiers.username'];
  it.each<[string[], string]>([
    [['user_id'], 'The IDs of users.'],
    [['identifiers.username'], 'Usernames.'],
    [ids, 'Email addresses and usernames.'],
    [['attributes.first_name', 'attributes.last_name'], 'First and last names.'],
    [['attributes.lastName', 'attributes.dateOfBirth'], 'Last names and birth dates.'],
    [['attributes.language', 'attributes.plan', 'attributes.webpage'], 'The IDs of users.'],
    [
      [...ids, 'attributes.phone', 'attributes.postcode', 'extended_profiles.quiz1'],
      'Email addresses, usernames, phone numbers, postcodes, and the data of apps in profiles.',
    ],
    [['foreign_keys.crm', 'grant.id', 'attributes.age'], 'Ages, IDs in connected systems, and subscriptions.'],
  ])('says what %j hold', (names, words) => {
    expect(personalData(columnsOf(...names))).toBe(words);
  });

  it('goes by the type where the slug says nothing', () => {
    const columns = [
      { name: 'attributes.x', source: 'attributes', type: 'tel' },
      { name: 'attributes.y', source: 'attributes', type: 'email' },
    ] as const;
    expect(personalData(columns)).toBe('Further email addresses and phone numbers.');
  });
});
