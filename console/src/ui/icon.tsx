import type { ComponentType } from "react";

export interface IconProps {
  /** The width and the height in pixels. */
  size?: number;
  /** The width of the lines, on a grid of 24. */
  stroke?: number;
}

export type Icon = ComponentType<IconProps>;

/** Make a component of an icon's paths. An icon is decoration: a text or a label says what it means. */
export function icon(paths: readonly string[]): Icon {
  return function Outline({ size = 24, stroke = 2 }) {
    return (
      <svg
        aria-hidden="true"
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth={stroke}
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        {paths.map((path) => (
          <path key={path} d={path} />
        ))}
      </svg>
    );
  };
}
