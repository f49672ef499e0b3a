// The row above a list that says what it shows: words, choices, chips.
import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** What is searched for: taken over when the field is left or Enter is pressed. */
interface Find {
  id: string;
  label: string;
  placeholder: string;
  value: string;
  set: (words: string) => void;
  field?: RefObject<HTMLInputElement>;
}

export function Filters({ find, children }: { find?: Find; children: ComponentChildren }) {
  const [words, setWords] = useState(find?.value ?? "");
  useEffect(() => setWords(find?.value ?? ""), [find?.value]);
  const take = () => find?.set(words.trim());
  return (
    <form
      class="filters"
      role="search"
      onSubmit={(e) => {
        e.preventDefault();
        take();
      }}
    >
      {find && (
        <>
          <label class="only-heard" for={find.id}>
            {find.label}
          </label>
          <input
            id={find.id}
            ref={find.field}
            type="search"
            placeholder={find.placeholder}
            value={words}
            onInput={(e) => setWords(e.currentTarget.value)}
            onChange={take}
          />
        </>
      )}
      {children}
    </form>
  );
}

/** One of several values; what it is about is heard, and seen in the first of them. */
export function Choice({
  id,
  label,
  value,
  set,
  options,
}: {
  id: string;
  label: string;
  value: string;
  set: (value: string) => void;
  options: readonly (readonly [value: string, words: string])[];
}) {
  return (
    <>
      <label class="only-heard" for={id}>
        {label}
      </label>
      <select id={id} value={value} onChange={(e) => set(e.currentTarget.value)}>
        {options.map(([v, words]) => (
          <option key={v} value={v}>
            {words}
          </option>
        ))}
      </select>
    </>
  );
}
