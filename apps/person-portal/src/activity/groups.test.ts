import { expect, test } from 'vitest';
import { activityKinds } from '../api/activity.ts';
import { activityGroups } from './groups.ts';

test('every kind of activity is in exactly one group', () => {
  expect(Object.values(activityGroups).flat().toSorted()).toEqual(activityKinds.toSorted());
});
