using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Tests.Interop.Samples;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Interop
{
    public sealed class LayoutLinesTests
    {
        [Fact]
        public void A_struct_gives_its_size_and_each_field_its_offset_and_size() => Assert.Equal(
            ["struct Padded 16", "field Padded.a 0 1", "field Padded.b 8 8"],
            LayoutLines.Of([typeof(Padded)]));

        [Fact]
        public void Fixed_buffers_inline_arrays_and_nested_structs_count_with_their_whole_size() => Assert.Equal(
            ["struct Arrays 32", "field Arrays.name 0 5", "field Arrays.ports 6 6", "field Arrays.inner 16 16"],
            LayoutLines.Of([typeof(Arrays), typeof(ThreePorts)]));

        [Fact]
        public void Explicit_offsets_and_packing_are_seen_as_the_runtime_lays_them_out() => Assert.Equal(
            [
                "struct Union 8", "field Union.whole 0 8", "field Union.half 4 4",
                "struct Packed 5", "field Packed.a 0 1", "field Packed.b 1 4",
            ],
            LayoutLines.Of([typeof(Union), typeof(Packed)]));

        [Fact]
        public void Private_fields_count_unless_an_underscore_marks_them_as_padding() => Assert.Equal(
            ["struct Hidden 8", "field Hidden.kept 0 4"],
            LayoutLines.Of([typeof(Hidden)]));

        [Fact]
        public void Constants_and_enum_members_give_their_values_and_strings_do_not() => Assert.Equal(
            ["const SMALL -1", "const LARGE 4294967295", "const HIDDEN 7", "const RED 1", "const BLUE 128"],
            LayoutLines.Of([typeof(Constants), typeof(Colour)]));

        [Fact]
        public void The_types_of_a_namespace_include_nested_ones_and_the_compilers_are_left_out()
        {
            Type[] types = [.. LayoutLines.TypesIn(typeof(Padded).Assembly, "DcosIsolation.Netlink.Tests.Interop.Samples")];
            Assert.Contains(typeof(Constants.Inner), types);
            Assert.DoesNotContain(typeof(LayoutLinesTests), types);
            Assert.DoesNotContain(LayoutLines.Of(types), line => line.Contains("FixedBuffer", StringComparison.Ordinal));
        }
    }
}

namespace DcosIsolation.Netlink.Tests.Interop.Samples
{
#pragma warning disable CS0169, CS0649, IDE0044, IDE0051 // Samples for reflection; nobody uses the fields.
    internal struct Padded
    {
        public byte a;
        public ulong b;
    }

    internal unsafe struct Arrays
    {
        public fixed byte name[5];
        public ThreePorts ports;
        public Padded inner;
    }

    [InlineArray(3)]
    internal struct ThreePorts
    {
        private ushort _port;
    }

    [StructLayout(LayoutKind.Explicit)]
    internal struct Union
    {
        [FieldOffset(0)]
        public ulong whole;

        [FieldOffset(4)]
        public uint half;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    internal struct Packed
    {
        public byte a;
        public uint b;
    }

    internal struct Hidden
    {
        private uint kept;
        private uint _pad;
    }

    internal static class Constants
    {
        public const int SMALL = -1;
        public const uint LARGE = uint.MaxValue;
        public const string Library = "libc";
        private const byte HIDDEN = 7;

        internal struct Inner
        {
            public byte a;
        }
    }

    internal enum Colour : byte
    {
        RED = 1,
        BLUE = 128,
    }
#pragma warning restore CS0169, CS0649, IDE0044, IDE0051
}
