import { Refused } from '../api/client';

/** A part of the console that is loaded when it is first needed. Where its file is gone because another version was installed meanwhile, everything is loaded anew; throws `Refused` where it could not be had. */
export const loaded = <T>(part: Promise<T>): Promise<T> =>
  part.catch(async () => {
    const index = await fetch('/', { cache: 'no-store' }).then(answer => (answer.ok ? answer.text() : null), () => null);
    const own = document.querySelector('script[type=module]')?.getAttribute('src');
    if (index !== null && own && !index.includes(own)) location.reload();
    throw new Refused(0, '');
  });
