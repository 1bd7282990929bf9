import type { InputHTMLAttributes } from 'preact';

interface TextFieldProps extends Pick<InputHTMLAttributes, 'required' | 'maxLength'> {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

export function TextField({ label, onValue, ...attributes }: TextFieldProps) {
  return (
    <label class="field">
      {label}
      <input
        {...attributes}
        dir="auto"
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
    </label>
  );
}
