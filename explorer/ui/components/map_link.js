/** Maps of one page with the same link share what is chosen, which classes are on, and the digit that is pointed at. */

const groups = new Map(); // name of a link -> {maps, told: the last word on each matter}

/**
 * Join the maps of this link: `tell(matter, value)` has each other map `hear(matter, value)`, now, or when it joins.
 * Without a name nobody hears.
 */
export function linked(name, map) {
  if (!name) return { isLinked: false, others: () => [], join() {}, tell() {} };
  const group = () => {
    const old = groups.get(name);
    const maps = old ? [...old.maps].filter((one) => one.element.isConnected) : [];
    if (!maps.length) groups.set(name, { maps: new Set(), told: new Map() }); // the page shows others by now
    else old.maps = new Set(maps);
    return groups.get(name);
  };
  const others = () => [...group().maps].filter((one) => one !== map);

  function join() {
    const { maps, told } = group();
    maps.add(map);
    told.forEach((value, matter) => map.hear(matter, value));
  }

  function tell(matter, value) {
    group().told.set(matter, value);
    others().forEach((one) => one.hear(matter, value));
  }

  return { isLinked: true, others, join, tell };
}
